package main

import (
	"fmt"
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

func main() {
	fmt.Println(busy(10_000) > 0, since(5_000) >= 0)
	time.Sleep(20 * time.Millisecond)
}
