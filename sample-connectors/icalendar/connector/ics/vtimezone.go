package ics

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ownZone is what a VTIMEZONE says.
type ownZone []observance

// An observance begins again and again, on the clock that is shown before it, and its offset holds until another begins.
type observance struct {
	start    time.Time
	from, to time.Duration
	dates    []time.Time
	rule     *yearly
}

func (c *Component) zone() (Zone, *SyntaxError) {
	var zone ownZone
	for _, part := range c.Components {
		if part.Name != "STANDARD" && part.Name != "DAYLIGHT" {
			continue
		}
		read, err := part.observance()
		if err != nil {
			return nil, err
		}
		zone = append(zone, read)
	}
	if len(zone) == 0 {
		return nil, syntax(c.Line, "a VTIMEZONE has neither STANDARD nor DAYLIGHT")
	}
	slices.SortFunc(zone, func(a, b observance) int { return a.start.Compare(b.start) })
	return zone, nil
}

func (c *Component) observance() (observance, *SyntaxError) {
	var read observance
	start, _ := c.Get("DTSTART")
	// On the clock of the zone, whatever a program writes behind it.
	clock, err := clockOf(strings.TrimSuffix(strings.TrimSpace(start.Value), "Z"))
	if err != nil {
		return read, syntax(max(start.Line, c.Line), "%s of a VTIMEZONE has no start: %.40q", c.Name, start.Value)
	}
	read.start = clock
	for _, offset := range []struct {
		name string
		to   *time.Duration
	}{{"TZOFFSETFROM", &read.from}, {"TZOFFSETTO", &read.to}} {
		property, _ := c.Get(offset.name)
		given, ok := offsetOf(strings.TrimSpace(property.Value))
		if !ok {
			return read, syntax(max(property.Line, c.Line), "%s of a VTIMEZONE is no offset: %.40q", offset.name, property.Value)
		}
		*offset.to = given
	}
	for _, property := range c.All("RDATE") {
		for value := range strings.SplitSeq(property.Value, ",") {
			if date, err := clockOf(value); err == nil {
				read.dates = append(read.dates, date)
			}
		}
	}
	if property, found := c.Get("RRULE"); found {
		read.rule = yearlyOf(property.Value, read)
		if read.rule == nil {
			return read, syntax(property.Line, "the rule of a VTIMEZONE is none that is read here: %.80q", property.Value)
		}
	}
	return read, nil
}

func (z ownZone) offset(moment time.Time) time.Duration {
	var last time.Time
	// Before all that it says, the clock is what it was before the first.
	offset := z[0].from
	for _, part := range z {
		if began, found := part.lastBefore(moment.UTC()); found && !began.Before(last) {
			last, offset = began, part.to
		}
	}
	return offset
}

// lastBefore is the last moment, not after the given one, at which it begins.
func (o observance) lastBefore(moment time.Time) (last time.Time, found bool) {
	consider := func(clock time.Time) bool {
		began := clock.Add(-o.from)
		if began.After(moment) {
			return false
		}
		if !found || began.After(last) {
			last, found = began, true
		}
		return true
	}
	consider(o.start)
	for _, date := range o.dates {
		consider(date)
	}
	if o.rule == nil {
		return last, found
	}
	year := moment.Add(o.from).Year()
	if !o.rule.until.IsZero() {
		year = min(year, o.rule.until.Year())
	}
	for first := max(o.start.Year(), year-yearsMax); year >= first; year-- {
		hit := false
		for _, clock := range o.rule.in(year, o) {
			hit = consider(clock) || hit
		}
		if hit {
			break
		}
	}
	return last, found
}

// yearsMax is how far back a beginning is looked for.
const yearsMax = 400

// yearly is a rule as those of zones are: FREQ=YEARLY with months, weekdays and days of months.
type yearly struct {
	interval  int
	months    []int
	days      []weekday
	monthDays []int
	position  int
	// until is a moment; zero: without end.
	until time.Time
}

// A weekday with the number that says which one of the month; 0: each.
type weekday struct {
	day    time.Weekday
	number int
}

var weekdays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// yearlyOf is nil where the rule has anything that is not read here.
func yearlyOf(text string, of observance) *yearly {
	rule := yearly{interval: 1, months: []int{int(of.start.Month())}}
	count, frequency := 0, ""
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(text)), ";") {
		name, value, _ := strings.Cut(part, "=")
		ok := true
		switch name {
		case "FREQ":
			frequency = value
		case "INTERVAL":
			rule.interval, ok = number(value, 1, 1000)
		case "COUNT":
			count, ok = number(value, 1, 10_000)
		case "BYSETPOS":
			rule.position, ok = number(value, -366, 366)
		case "BYMONTH":
			rule.months, ok = numbers(value, 1, 12)
		case "BYMONTHDAY":
			rule.monthDays, ok = numbers(value, -31, 31)
		case "BYDAY":
			rule.days, ok = weekdaysOf(value)
		case "UNTIL":
			rule.until, ok = untilOf(value, of.from)
		case "WKST", "":
		default:
			return nil
		}
		if !ok {
			return nil
		}
	}
	if frequency != "YEARLY" {
		return nil
	}
	if count > 0 {
		rule.until = rule.nth(count, of)
	}
	return &rule
}

// nth is the moment of the so-manieth beginning.
func (y *yearly) nth(count int, of observance) time.Time {
	last := of.start
	for year := of.start.Year(); count > 0 && year < of.start.Year()+10_000; year++ {
		for _, clock := range y.in(year, of) {
			if count--; count >= 0 {
				last = clock
			}
		}
	}
	return last.Add(-of.from)
}

// in are the times of a year at which it begins, in their order.
func (y *yearly) in(year int, of observance) []time.Time {
	if (year-of.start.Year())%y.interval != 0 {
		return nil
	}
	var found []time.Time
	for _, month := range y.months {
		last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
		for day := 1; day <= last; day++ {
			clock := time.Date(year, time.Month(month), day, of.start.Hour(), of.start.Minute(), of.start.Second(), 0, time.UTC)
			if y.has(clock, last, of) {
				found = append(found, clock)
			}
		}
	}
	slices.SortFunc(found, time.Time.Compare)
	if at := y.position; at != 0 {
		if at < 0 {
			at += len(found) + 1
		}
		if at < 1 || at > len(found) {
			return nil
		}
		found = found[at-1 : at]
	}
	return slices.DeleteFunc(found, func(clock time.Time) bool {
		return clock.Before(of.start) || !y.until.IsZero() && clock.Add(-of.from).After(y.until)
	})
}

func (y *yearly) has(clock time.Time, last int, of observance) bool {
	if len(y.days) == 0 && len(y.monthDays) == 0 {
		return clock.Day() == of.start.Day()
	}
	onDay := len(y.monthDays) == 0 || slices.Contains(y.monthDays, clock.Day()) || slices.Contains(y.monthDays, clock.Day()-last-1)
	onWeekday := len(y.days) == 0 || slices.ContainsFunc(y.days, func(wanted weekday) bool {
		fromFirst, fromLast := (clock.Day()+6)/7, -((last - clock.Day() + 7) / 7)
		return clock.Weekday() == wanted.day && (wanted.number == 0 || wanted.number == fromFirst || wanted.number == fromLast)
	})
	return onDay && onWeekday
}

func weekdaysOf(text string) ([]weekday, bool) {
	var days []weekday
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if len(part) < 2 {
			return nil, false
		}
		day := slices.Index(weekdays, part[len(part)-2:])
		which, ok := 0, true
		if len(part) > 2 {
			which, ok = number(part[:len(part)-2], -5, 5)
		}
		if day < 0 || !ok {
			return nil, false
		}
		days = append(days, weekday{time.Weekday(day), which})
	}
	return days, true
}

// untilOf is a moment; without Z it is on the clock before the change.
func untilOf(text string, from time.Duration) (time.Time, bool) {
	local, utc := strings.CutSuffix(text, "Z")
	clock, err := clockOf(local)
	if err != nil {
		day, err := time.Parse(dateForm, local)
		return day.Add(24*time.Hour - from), err == nil
	}
	if utc {
		return clock, true
	}
	return clock.Add(-from), true
}

func numbers(text string, least, most int) ([]int, bool) {
	var all []int
	for part := range strings.SplitSeq(text, ",") {
		one, ok := number(part, least, most)
		if !ok {
			return nil, false
		}
		all = append(all, one)
	}
	return all, true
}

func number(text string, least, most int) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= least && n <= most
}
