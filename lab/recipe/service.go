// Command service keeps state in every way that Go has, and tells it over HTTP: goroutines that wait on channels, timers,
// a thread of its own, a goroutine that never stops calculating, and garbage.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const waiters = 1000

var (
	started                                       = time.Now()
	lock                                          sync.Mutex
	kept                                          = []int{}
	entries                                       = map[string]int{}
	release                                       = make(chan struct{})
	results                                       = make(chan int)
	ticks, passed, locked, blocks, garbage, fired atomic.Int64
)

// checksum goes through the whole map, and so through memory that the collector has moved among.
func checksum() string {
	hash := sha256.New()
	for number := 0; number < len(entries); number++ {
		fmt.Fprintln(hash, number, entries[fmt.Sprint("entry ", number)])
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

func tick() {
	for range time.Tick(50 * time.Millisecond) {
		ticks.Add(1)
	}
}

// pass hands numbers from one goroutine to the next; each must arrive once.
func pass() {
	numbers := make(chan int64)
	go func() {
		for number := int64(0); ; number++ {
			numbers <- number
			time.Sleep(50 * time.Millisecond)
		}
	}()
	for number := range numbers {
		if number != passed.Load() {
			panic("a number is missing or there twice")
		}
		passed.Add(1)
	}
}

// sleepOnOwnThread holds an operating system thread, which sleeps in the kernel.
func sleepOnOwnThread() {
	runtime.LockOSThread()
	for {
		time.Sleep(50 * time.Millisecond)
		locked.Add(1)
	}
}

// calculate does not wait for long stretches: the runtime interrupts it with signals.
func calculate() {
	for block := sha256.Sum256(nil); ; time.Sleep(100 * time.Millisecond) {
		for begin := time.Now(); time.Since(begin) < 15*time.Millisecond; block = sha256.Sum256(block[:]) {
			blocks.Add(1)
		}
	}
}

func litter() {
	for ; ; time.Sleep(50 * time.Millisecond) {
		waste := make([][]byte, 0, 100)
		for piece := 0; piece < 100; piece++ {
			waste = append(waste, make([]byte, 10_000))
		}
		garbage.Add(int64(len(waste)))
	}
}

func fire() {
	fired.Add(1)
	time.AfterFunc(50*time.Millisecond, fire)
}

func answer(writer http.ResponseWriter, request *http.Request) {
	lock.Lock()
	defer lock.Unlock()
	if number, err := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/keep/")); err == nil {
		kept = append(kept, number)
	}
	released := 0
	if request.URL.Path == "/release" {
		close(release)
		for waiter := 0; waiter < waiters; waiter++ {
			released += <-results
		}
	}
	sum := ""
	if request.URL.Path == "/all" {
		sum = checksum()
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	json.NewEncoder(writer).Encode(map[string]any{
		"started": started.UnixNano(), "kept": kept, "checksum": sum, "ticks": ticks.Load(), "passed": passed.Load(),
		"locked": locked.Load(), "blocks": blocks.Load(), "garbage": garbage.Load(), "collections": memory.NumGC,
		"fired": fired.Load(), "uptime": time.Since(started), "goroutines": runtime.NumGoroutine() > waiters, "released": released,
	})
}

func main() {
	for number := 0; number < 20000; number++ {
		entries[fmt.Sprint("entry ", number)] = number * number
	}
	for number := 0; number < waiters; number++ {
		go func(number int) {
			<-release
			results <- number
		}(number)
	}
	go tick()
	go pass()
	go sleepOnOwnThread()
	go calculate()
	go litter()
	fire()
	panic(http.ListenAndServe(":8080", http.HandlerFunc(answer)))
}
