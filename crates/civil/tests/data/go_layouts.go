// Writes the table go_layouts.tsv: what Go's time package prints and reads.
//
//	go run go_layouts.go > go_layouts.tsv
//
// Lines "F layout unix-seconds nanoseconds offset zone text" say what Format
// prints, lines "P layout text result" what Parse reads: the local date and time
// in RFC 3339 with nine digits and no offset, the offset in seconds, or "error".
// Tabs between, fields quoted as Go quotes them.
package main

import (
	"fmt"
	"math/rand"
	"strings"
	"time"
)

var layouts = []string{
	time.Layout, time.ANSIC, time.UnixDate, time.RubyDate, time.RFC822, time.RFC822Z,
	time.RFC850, time.RFC1123, time.RFC1123Z, time.RFC3339, time.RFC3339Nano, time.Kitchen,
	time.Stamp, time.StampMilli, time.StampMicro, time.StampNano, time.DateTime, time.DateOnly,
	time.TimeOnly,
	"Jan January 01 1 02 2 _2 002 __2 Mon Monday", "15 03 3 PM pm 04 4 05 5",
	"05.000 05,000 05.999 05,999 05.000000000 05.9", "2006 06 _2006 __2006",
	"MST Z07:00 Z0700 Z07 Z070000 Z07:00:00", "-07:00 -0700 -07 -070000 -07:00:00",
	"Janet Month Mondays Monks MSTs", "20060102150405", "2006-002", "2006-__2", "15h4m5s",
	"Mon Jan  _2 2006", "02.01.2006 15:04:05.0000", "05.0001 .00 ,99 .9x", "1504 3PM", "2 Jan 2006 3:4:5pm",
	"2006-01-02T15:04:05,999Z07:00", "2006-01-02 15:04:05.999 -07", "Monday 2006-01-02 15:04:05 -070000",
	"2006-01-02 15:04:05 Z07:00:00", "2006-01-02 15:04 MST",
}

func main() {
	random := rand.New(rand.NewSource(1))
	zones := []struct {
		name   string
		offset int
	}{{"UTC", 0}, {"CET", 3600}, {"EST", -18000}, {"", 20700}, {"-03", -10800}, {"LMT", 1172}, {"", -12600}}
	for _, layout := range layouts {
		for i := 0; i < 9; i++ {
			zone := zones[random.Intn(len(zones))]
			seconds := random.Int63n(253402300799+62135596800-200000) - 62135596800 + 100000
			if i < 6 {
				seconds = random.Int63n(4102444800)
			}
			nanos := random.Int63n(1000000000)
			switch i % 3 {
			case 1:
				nanos = 0
			case 2:
				nanos = nanos / 1000000 * 1000000
			}
			location := time.FixedZone(zone.name, zone.offset)
			t := time.Unix(seconds, nanos).In(location)
			text := t.Format(layout)
			fmt.Printf("F\t%q\t%d\t%d\t%d\t%q\t%q\n", layout, seconds, nanos, zone.offset, zone.name, text)
			parse(layout, text)
			change := []byte(text)
			if len(change) > 0 {
				for j := 0; j < 3; j++ {
					place := random.Intn(len(change))
					b := []byte(text)
					b[place] = "0139 :xZ.+"[random.Intn(10)]
					parse(layout, string(b))
				}
				parse(layout, strings.ReplaceAll(text, " ", "  "))
				parse(layout, strings.ToLower(text))
				parse(layout, text[:len(text)-1])
				parse(layout, text+"1")
			}
		}
	}
	for _, zone := range []string{"ChST", "MeST", "GMT+3", "GMT-12", "GMT+24", "WITA", "ABCD", "AMST", "+00", "-04", "EASST", "ABCDE", "AB", "UTC", "+1234"} {
		parse("2006-01-02 15:04 MST", "2024-02-29 12:30 "+zone)
	}
	for _, text := range []string{"24:00:00", "23:59:60", "12:00:00.5", "12:00:00,25", "12:00:00.", "9:00:00", "12:0:00", "12:00:5"} {
		parse("15:04:05", text)
	}
	for _, text := range []string{"2023-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "2024-01-00", "2024-1-01", "24-01-01"} {
		parse("2006-01-02", text)
	}
}

func parse(layout, text string) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		fmt.Printf("P\t%q\t%q\terror\n", layout, text)
		return
	}
	_, offset := t.Zone()
	fmt.Printf("P\t%q\t%q\t%s\t%d\n", layout, text, t.Format("2006-01-02T15:04:05.000000000"), offset)
}
