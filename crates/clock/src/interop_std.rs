//! Errors as std has them.

extern crate std;

use std::io;

use crate::Error;

impl From<Error> for io::Error {
    /// Keeps the text, and the kind that the error number has.
    fn from(error: Error) -> io::Error {
        let kind = match io::Error::from_raw_os_error(error.errno()).kind() {
            _ if error.is_not_here() => io::ErrorKind::Unsupported,
            kind => kind,
        };
        io::Error::new(kind, error)
    }
}
