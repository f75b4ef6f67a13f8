package ics

import (
	"slices"
	"testing"
)

func TestALineIsUnfoldedAlsoWithinACharacter(t *testing.T) {
	for _, body := range []string{"\uFEFFSUMMARY:F\xc3\r\n \xaate\r\n", "summary:F\n\têt\n e"} {
		lines, err := Lines([]byte(body))
		if err != nil || len(lines) != 1 || lines[0].Name != "SUMMARY" || lines[0].Value != "Fête" {
			t.Errorf("%q: %+v, %v", body, lines, err)
		}
	}
}

func TestParametersMayBeQuotedAndHaveSeveralValues(t *testing.T) {
	lines, err := Lines([]byte(`ATTENDEE;CN="a;b:c,d";member="mailto:a","mailto:b";X=^'1^^^n2^':mailto:e`))
	if err != nil {
		t.Fatal(err)
	}
	line := lines[0]
	if line.Param("CN") != "a;b:c,d" || !slices.Equal(line.Params["MEMBER"], []string{"mailto:a", "mailto:b"}) || line.Param("X") != "\"1^\n2\"" || line.Value != "mailto:e" {
		t.Errorf("%+v", line)
	}
}

func TestAnEscapeIsTakenAsOneCharacter(t *testing.T) {
	if text := Text(`a\, b\; c\\n d\ne\N\x`); text != "a, b; c\\n d\ne\nx" {
		t.Errorf("%q", text)
	}
	if texts := Texts(`a\,b,,c\\,d`, ','); !slices.Equal(texts, []string{"a,b", "", `c\`, "d"}) {
		t.Errorf("%q", texts)
	}
}

func FuzzNothingMakesItPanic(f *testing.F) {
	f.Add([]byte("BEGIN:VCALENDAR\r\nA;B=\"c\",d:e\r\n f\r\nEND:VCALENDAR\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if calendar, err := Parse(body); err == nil && calendar.Name != "VCALENDAR" {
			t.Errorf("%q", calendar.Name)
		}
	})
}
