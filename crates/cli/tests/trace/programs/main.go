package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

//go:noinline
func busy(n int) (sum int64) {
	for i := 0; i < n; i++ {
		sum += time.Now().UnixNano()
	}
	return
}

//go:noinline
func since(n int) (sum time.Duration) {
	start := time.Now()
	for i := 0; i < n; i++ {
		sum += time.Since(start)
	}
	return
}

// Two call sites in turn, behind the same wrapper.
//
//go:noinline
func pair(n int) (sum int64) {
	for i := 0; i < n; i++ {
		sum += time.Now().UnixNano()
		sum -= time.Now().UnixNano()
	}
	return
}

//go:noinline
func one(n int) (sum int64) {
	for i := 0; i < n; i++ {
		sum += time.Now().UnixNano()
	}
	return
}

// Each goroutine has a thread of its own, and all read at once.
func many(threads, n int) {
	var all, ready sync.WaitGroup
	ready.Add(threads)
	for i := 0; i < threads; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			runtime.LockOSThread()
			ready.Done()
			ready.Wait()
			one(n)
		}()
	}
	all.Wait()
}

func main() {
	fmt.Println(busy(10_000) > 0, since(5_000) >= 0)
	pair(3_000)
	many(3, 4_000)
	time.Sleep(20 * time.Millisecond)
}
