//! The clock sources of a machine, and which of them keeps the time.

use core::fmt;

use super::ClockSource;

/// The clock sources of a machine, at most `N`, and which of them is to be used.
///
/// The best is the one with the highest rating, the earlier registered of two
/// alike; where the machine runs high-resolution timers, only one that is fit for
/// them. A user's choice goes before the rating, for as long as it is fit.
///
/// ```
/// use instanter_keeper::{ClockSource, Frequency, Registry};
/// let hertz = |hertz| Frequency::hertz(hertz).unwrap();
/// let mut sources = Registry::<4>::new();
/// let jiffies = sources.register(ClockSource::new("jiffies", hertz(250), 32))?;
/// let tsc = ClockSource::new("tsc", hertz(2_100_000_000), 64).rated(300).continuous();
/// let tsc = sources.register(tsc.high_resolution())?;
/// assert_eq!(sources.best(), Some(tsc));
/// sources.demote(tsc); // a watchdog found it unstable
/// assert_eq!(sources.best(), Some(jiffies));
/// # Ok::<(), instanter_keeper::RegistryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Registry<const N: usize> {
    sources: [Option<ClockSource>; N],
    chosen: Option<SourceId>,
    only_high_resolution: bool,
}

/// Which clock source of a [`Registry`]; valid until it is unregistered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceId(usize);

/// Why a [`Registry`] refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// It has as many sources as it can hold.
    Full {
        /// How many that is.
        capacity: usize,
    },
    /// There is one of this name.
    Taken {
        /// The name.
        name: &'static str,
    },
    /// No source has this id or name.
    Unknown,
    /// The source is unstable, or not fit for the timers that the machine runs.
    Unfit {
        /// Its name.
        name: &'static str,
    },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryError::Full { capacity } => {
                write!(f, "there are {capacity} clock sources, and no room for another")
            }
            RegistryError::Taken { name } => write!(f, "there is a clock source \"{name}\""),
            RegistryError::Unknown => f.write_str("there is no such clock source"),
            RegistryError::Unfit { name } => {
                write!(f, "the clock source \"{name}\" is unstable, or too coarse for the timers")
            }
        }
    }
}

impl core::error::Error for RegistryError {}

impl<const N: usize> Default for Registry<N> {
    fn default() -> Self {
        Registry::new()
    }
}

impl<const N: usize> Registry<N> {
    /// Makes an empty one.
    #[must_use]
    pub const fn new() -> Registry<N> {
        Registry { sources: [None; N], chosen: None, only_high_resolution: false }
    }

    /// `register(source)` — Adds a clock source.
    ///
    /// # Errors
    /// [`RegistryError::Full`], [`RegistryError::Taken`].
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Registry};
    /// # let source = |name| ClockSource::new(name, Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut sources = Registry::<4>::new();
    /// let id = sources.register(source("tsc"))?;
    /// assert_eq!(sources.find("tsc"), Some(id));
    /// assert!(sources.register(source("tsc")).is_err());
    /// # Ok::<(), instanter_keeper::RegistryError>(())
    /// ```
    pub fn register(&mut self, source: ClockSource) -> Result<SourceId, RegistryError> {
        if self.find(source.name()).is_some() {
            return Err(RegistryError::Taken { name: source.name() });
        }
        let free = self.sources.iter().position(Option::is_none);
        let index = free.ok_or(RegistryError::Full { capacity: N })?;
        self.sources[index] = Some(source);
        Ok(SourceId(index))
    }

    /// `unregister(id)` — Removes a clock source, and the user's choice with it.
    ///
    /// Whoever keeps time with it must change to [`best`](Registry::best) first.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`].
    pub fn unregister(&mut self, id: SourceId) -> Result<ClockSource, RegistryError> {
        let source = self.sources.get_mut(id.0).and_then(Option::take);
        if source.is_some() && self.chosen == Some(id) {
            self.chosen = None;
        }
        source.ok_or(RegistryError::Unknown)
    }

    /// `get(id)` — Returns a clock source.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&ClockSource> {
        self.sources.get(id.0)?.as_ref()
    }

    /// `find(name)` — Returns the clock source of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<SourceId> {
        self.iter().find(|(_, source)| source.name() == name).map(|(id, _)| id)
    }

    /// `iter()` — Returns all of them, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &ClockSource)> {
        let slots = self.sources.iter().enumerate();
        slots.filter_map(|(index, source)| Some((SourceId(index), source.as_ref()?)))
    }

    /// `best()` — Returns the one to keep time with: the user's choice, or else
    /// the one with the highest rating. `None` where none is fit.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Registry};
    /// # let source = |name| ClockSource::new(name, Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut sources = Registry::<4>::new();
    /// assert_eq!(sources.best(), None);
    /// sources.register(source("hpet").rated(250))?;
    /// let tsc = sources.register(source("tsc").rated(300))?;
    /// assert_eq!(sources.best(), Some(tsc));
    /// # Ok::<(), instanter_keeper::RegistryError>(())
    /// ```
    #[must_use]
    pub fn best(&self) -> Option<SourceId> {
        if let Some(id) = self.chosen
            && self.get(id).is_some_and(|source| self.is_fit(source))
        {
            return Some(id);
        }
        let mut best: Option<(SourceId, u32)> = None;
        for (id, source) in self.iter().filter(|(_, source)| self.is_fit(source)) {
            if best.is_none_or(|(_, rating)| source.rating() > rating) {
                best = Some((id, source.rating()));
            }
        }
        best.map(|(id, _)| id)
    }

    fn is_fit(&self, source: &ClockSource) -> bool {
        let flags = source.flags();
        !flags.unstable && (!self.only_high_resolution || flags.high_resolution)
    }

    /// `choose(name)` — Puts a user's choice before the rating.
    ///
    /// It is remembered should it become unfit, and returns should it become fit.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`], [`RegistryError::Unfit`].
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Registry};
    /// # let source = |name| ClockSource::new(name, Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut sources = Registry::<4>::new();
    /// let hpet = sources.register(source("hpet").rated(250))?;
    /// sources.register(source("tsc").rated(300))?;
    /// sources.choose("hpet")?;
    /// assert_eq!(sources.best(), Some(hpet));
    /// # Ok::<(), instanter_keeper::RegistryError>(())
    /// ```
    pub fn choose(&mut self, name: &str) -> Result<SourceId, RegistryError> {
        let id = self.find(name).ok_or(RegistryError::Unknown)?;
        let source = self.get(id).ok_or(RegistryError::Unknown)?;
        if !self.is_fit(source) {
            return Err(RegistryError::Unfit { name: source.name() });
        }
        self.chosen = Some(id);
        Ok(id)
    }

    /// `choose_by_rating()` — Takes the user's choice back.
    pub fn choose_by_rating(&mut self) {
        self.chosen = None;
    }

    /// `require_high_resolution()` — Says that the machine runs high-resolution
    /// timers from now on, so that only a source that is fit for them will do.
    pub fn require_high_resolution(&mut self) {
        self.only_high_resolution = true;
    }

    /// `demote(id)` — Marks a clock source unstable: it is never the best again,
    /// nor fit for high-resolution timers. Returns whether there is such a one.
    pub fn demote(&mut self, id: SourceId) -> bool {
        let Some(Some(source)) = self.sources.get_mut(id.0) else { return false };
        source.flags.unstable = true;
        source.flags.high_resolution = false;
        true
    }

    /// `verified(id)` — Marks a clock source fit for high-resolution timers, after
    /// a [`Watchdog`](super::Watchdog) compared it with a continuous one. Returns
    /// whether it is.
    pub fn verified(&mut self, id: SourceId) -> bool {
        let Some(Some(source)) = self.sources.get_mut(id.0) else { return false };
        let fit = source.flags.continuous && !source.flags.unstable;
        source.flags.high_resolution |= fit;
        fit
    }

    /// `reference_for(id)` — Returns the best source to verify one against: one
    /// that needs no verification itself and is not unstable.
    ///
    /// ```
    /// use instanter_keeper::{ClockSource, Frequency, Registry};
    /// # let source = |name| ClockSource::new(name, Frequency::hertz(1_000).unwrap(), 64);
    /// # let mut sources = Registry::<4>::new();
    /// let tsc = sources.register(source("tsc").rated(300).must_verify())?;
    /// let hpet = sources.register(source("hpet").rated(250))?;
    /// assert_eq!(sources.reference_for(tsc), Some(hpet));
    /// # Ok::<(), instanter_keeper::RegistryError>(())
    /// ```
    #[must_use]
    pub fn reference_for(&self, id: SourceId) -> Option<SourceId> {
        let others = self.iter().filter(|(other, source)| {
            let flags = source.flags();
            *other != id && !flags.must_verify && !flags.unstable
        });
        others.max_by_key(|(_, source)| source.rating()).map(|(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frequency;

    fn source(name: &'static str, rating: u32) -> ClockSource {
        let hertz = Frequency::hertz(1_000_000).expect("a frequency");
        ClockSource::new(name, hertz, 64).rated(rating).continuous()
    }

    #[test]
    fn the_best_of_what_is_there() {
        let mut sources = Registry::<3>::new();
        assert_eq!(sources.best(), None);
        let low = sources.register(source("low", 100)).expect("room");
        let high = sources.register(source("high", 300).must_verify()).expect("room");
        let also = sources.register(source("also", 300).high_resolution()).expect("room");
        assert_eq!(sources.register(source("more", 1)), Err(RegistryError::Full { capacity: 3 }));
        assert_eq!(sources.register(source("low", 1)), Err(RegistryError::Taken { name: "low" }));
        assert_eq!(sources.best(), Some(high), "the earlier of two alike");
        assert_eq!(sources.reference_for(high), Some(also));
        assert_eq!(sources.reference_for(also), Some(low));

        assert_eq!(sources.choose("low"), Ok(low));
        assert_eq!(sources.best(), Some(low));
        sources.require_high_resolution();
        assert_eq!(sources.best(), Some(also), "the choice is no longer fit");
        assert_eq!(sources.choose("low"), Err(RegistryError::Unfit { name: "low" }));
        assert!(sources.verified(high));
        sources.choose_by_rating();
        assert_eq!(sources.best(), Some(high));

        assert!(sources.demote(high));
        assert!(!sources.verified(high), "once unstable, always unstable");
        assert_eq!(sources.best(), Some(also));
        assert_eq!(sources.get(high).map(ClockSource::rating), Some(0));
        assert_eq!(sources.unregister(also).map(|s| s.name()), Ok("also"));
        assert_eq!(sources.unregister(also), Err(RegistryError::Unknown));
        assert_eq!(sources.best(), None, "no one is fit");
        assert_eq!(sources.choose("also"), Err(RegistryError::Unknown));
    }

    #[test]
    fn a_choice_leaves_with_its_source() {
        let mut sources = Registry::<2>::new();
        let one = sources.register(source("one", 1)).expect("room");
        let two = sources.register(source("two", 2)).expect("room");
        assert_eq!(sources.choose("one"), Ok(one));
        assert_eq!(sources.unregister(one).map(|s| s.name()), Ok("one"));
        let again = sources.register(source("another", 1)).expect("room");
        assert_eq!(again, one, "the slot is used again");
        assert_eq!(sources.best(), Some(two), "but not the choice");
    }
}
