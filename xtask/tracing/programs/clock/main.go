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

func readings() {
	before := counter()
	wall := time.Now().UnixNano()
	fmt.Println("reading REALTIME", before, wall, counter())
	before = counter()
	since := time.Since(start).Nanoseconds()
	fmt.Println("reading SINCE", before, since, counter())
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
