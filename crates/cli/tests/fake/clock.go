// Prints the date, sleeps and waits for a timer while it is profiled, and prints how long
// that took, in seconds.
package main

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"time"
)

func main() {
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		panic(err)
	}
	fmt.Println(time.Now().Unix())
	start := time.Now()
	time.Sleep(100 * time.Second)
	<-time.After(100 * time.Second)
	fmt.Println(int(time.Since(start).Seconds()))
	for i := 0; i < 3000000; i++ {
		time.Now()
	}
	pprof.StopCPUProfile()
	fmt.Println(profile.Len() > 0)
}
