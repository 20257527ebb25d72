// The words pace and sleep of the program in ../../src/tracee, of which its text tells. Go asks
// the vDSO itself, for the clocks that its package time shows.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// In counter_arm64.s.
func counter() uint64

// What it is after is the monotonic clock; its zero is this program's.
var start = time.Now()

type reading struct {
	before uint64
	shown  int64
	after  uint64
}

// For both the reading that took least, of a few.
func readings() {
	wall, since := reading{after: ^uint64(0)}, reading{after: ^uint64(0)}
	least := func(of *reading, now reading) {
		if now.after-now.before < of.after-of.before {
			*of = now
		}
	}
	for i := 0; i < 20; i++ {
		before := counter()
		shown := time.Now().UnixNano()
		least(&wall, reading{before, shown, counter()})
		before = counter()
		shown = time.Since(start).Nanoseconds()
		least(&since, reading{before, shown, counter()})
	}
	fmt.Println("reading REALTIME", wall.before, wall.shown, wall.after)
	fmt.Println("reading SINCE", since.before, since.shown, since.after)
}

func main() {
	for i := 1; i+1 < len(os.Args); i += 2 {
		number, err := strconv.ParseInt(os.Args[i+1], 10, 64)
		if err != nil {
			panic(err)
		}
		readings()
		if os.Args[i] == "pace" {
			for since := time.Now(); time.Since(since).Nanoseconds() < number; {
			}
		} else {
			time.Sleep(time.Duration(number))
		}
		readings()
	}
}
