package lockgate

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

// faulty fails as it is told to.
type faulty struct {
	NoReferences
	fail func() (Prepared, error)
}

func (f faulty) PrepareInternalObject(External, Task) (Prepared, error) { return f.fail() }

func outcome(t *testing.T, fail func() (Prepared, error)) (Prepared, *Error) {
	t.Helper()
	Export(faulty{fail: fail})
	t.Cleanup(func() { exported = nil })
	return prepare(External{}, Task{})
}

func TestAPanicIsAnInternalErrorWithItsPlaceInTheAuthorsSource(t *testing.T) {
	var none *Object
	for name, fail := range map[string]func() (Prepared, error){
		"panic: the shelf is empty (":     func() (Prepared, error) { panic("the shelf is empty") },
		"invalid memory address":          func() (Prepared, error) { return Skip(none.CodeName), nil },
		"integer divide by zero":          func() (Prepared, error) { return Skip(fmt.Sprint(1 / len(none.name()))), nil },
		"interface {} is string, not int": func() (Prepared, error) { return Skip(fmt.Sprint(any("7").(int))), nil },
		"assignment to entry in nil map":  func() (Prepared, error) { var m map[string]int; m["a"] = 1; return nil, nil },
	} {
		_, failed := outcome(t, fail)
		if failed == nil || failed.Kind != KindInternal || !strings.Contains(failed.Message, name) || !strings.Contains(failed.Message, "lockgate_test.go:") {
			t.Errorf("%s: %v", name, failed)
		}
	}
}

func (o *Object) name() string { return "" }

func TestAnErrorKeepsItsKindAndTheWordsAroundIt(t *testing.T) {
	invalid := Invalid("no sku").At("items[3].sku")
	_, failed := outcome(t, func() (Prepared, error) { return nil, invalid })
	if failed != invalid {
		t.Errorf("%v", failed)
	}
	_, failed = outcome(t, func() (Prepared, error) { return nil, fmt.Errorf("order 7: %w", invalid) })
	if failed.Kind != KindInvalid || failed.Message != "order 7: items[3].sku: no sku" || failed.Path != "" {
		t.Errorf("%#v", failed)
	}
	_, failed = outcome(t, func() (Prepared, error) { return nil, os.ErrNotExist })
	if failed.Kind != KindInternal || !errors.Is(failed, os.ErrNotExist) {
		t.Errorf("%#v", failed)
	}
}

func TestANilErrorOfTheOwnTypeIsNone(t *testing.T) {
	var none *Error
	prepared, failed := outcome(t, func() (Prepared, error) { return Skip("done"), none })
	if failed != nil || prepared != Skip("done") {
		t.Errorf("%v, %v", prepared, failed)
	}
}

func TestAnAnswerThatIsNoneIsTold(t *testing.T) {
	for name, answer := range map[string]Prepared{
		"neither an object":         nil,
		"a skip nor an error":       (*Object)(nil),
		`"price" has no value`:      NewObject("a.b", "c").Set("price", nil),
		"child 1 is nil":            NewObject("a.b", "c").Add(NewChild("a.c", "d"), nil),
		`field "deep" has no value`: NewObject("a.b", "c").Add(NewChild("a.c", "d").Add(NewChild("a.d", "e").Set("deep", nil))),
	} {
		_, failed := outcome(t, func() (Prepared, error) { return answer, nil })
		if failed == nil || failed.Kind != KindInternal || !strings.Contains(failed.Message, name) {
			t.Errorf("%s: %v", name, failed)
		}
	}
	exported = nil
	if _, failed := prepare(External{}, Task{}); failed != errNothingExported {
		t.Errorf("%v", failed)
	}
}

func TestADelayIsForUnavailable(t *testing.T) {
	_, failed := outcome(t, func() (Prepared, error) { return nil, Unavailable("down").After(2 * time.Second) })
	if failed.Kind != KindUnavailable || failed.RetryAfter != 2*time.Second {
		t.Errorf("%#v", failed)
	}
}

// Computed with Python: uuid5(uuid5(NAMESPACE_URL, "https://shop.example"), "product/17").
func TestAGUIDIsTheOneThatOtherLanguagesCompute(t *testing.T) {
	if guid := GUIDFromName("https://shop.example", "product/17"); guid != "26394b70-74b5-505e-b7a4-e8e4b6642ce5" {
		t.Error(guid)
	}
}

func TestFieldsKeepTheirOrderAndEmptyTextsAreLeftOut(t *testing.T) {
	object := NewObject("shop.product", "HL-U509").Set("price", Decimal("34.99")).SetText("weight", "").Set("discontinued", Null)
	if len(object.Fields) != 2 || object.Fields[0].Name != "price" || object.Fields.Get("discontinued") != Null || object.Fields.Get("weight") != nil {
		t.Errorf("%+v", object.Fields)
	}
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.FixedZone("", 3600))
	if Time(at) != "2026-01-31T12:00:00+01:00" {
		t.Error(Time(at))
	}
}

func TestALogRecordIsOneLine(t *testing.T) {
	written := stderr(t, func() {
		log := slog.New(LogHandler()).With("task", 7).WithGroup("http").With("method", "GET")
		log.Warn("slow", "took", time.Second, slog.Group("answer", "status", 200))
		log.Log(t.Context(), LevelTrace, "bytes")
	})
	want := "warn: slow task=7 http.method=GET http.took=1s http.answer.status=200\ntrace: bytes task=7 http.method=GET\n"
	if written != want {
		t.Errorf("%q", written)
	}
}

func stderr(t *testing.T, during func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = file
	during()
	os.Stderr = before
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAFieldThatIsSetTwiceHasTheLastValueInItsFirstPlace(t *testing.T) {
	set := func(owner interface{ Get(string) Value }, len int) {
		t.Helper()
		if owner.Get("rank") != Integer(2) || len != 2 {
			t.Errorf("%v", owner)
		}
	}
	object := NewObject("a.b", "c").Set("rank", Integer(1)).Set("note", Null).Set("rank", Integer(2))
	set(object.Fields, len(object.Fields))
	child := NewChild("a.b", "c").Set("rank", Integer(1)).Set("note", Null).Set("rank", Integer(2))
	set(child.Fields, len(child.Fields))
	page := NewPage("a.b", "en-US", "c").Set("rank", Integer(1)).Set("note", Null).Set("rank", Integer(2))
	set(page.Fields, len(page.Fields))
	if object.Fields[0].Name != "rank" {
		t.Errorf("%v", object.Fields)
	}
}

func TestAnErrorWithoutAKindIsInternalAndKindsHaveWords(t *testing.T) {
	_, failed := outcome(t, func() (Prepared, error) { return nil, &Error{Message: "oh"} })
	if failed.Kind != KindInternal || failed.Kind.String() != "internal" || KindNotFound.String() != "not-found" {
		t.Errorf("%#v", failed)
	}
	if DeleteObject.String() != "delete-object" || Snapshot.String() != "snapshot" || TaskType(99).String() != "task type 99" {
		t.Error(DeleteObject, Snapshot, TaskType(99))
	}
}

func TestEveryErrorThatAFormatWrapsIsFound(t *testing.T) {
	err := Invalidf("%w, and %w", os.ErrNotExist, os.ErrClosed)
	if !errors.Is(err, os.ErrNotExist) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestADocumentMayBeNestedAsDeepAsInEveryLanguage(t *testing.T) {
	for depth, fine := range map[int]bool{1: true, JSONDepthMax: true, JSONDepthMax + 1: false, 1_000_000: false} {
		var document any
		body := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		if err := (External{Body: []byte(body)}).JSON(&document); (err == nil) != fine {
			t.Errorf("%d: %v", depth, err)
		}
	}
	var text struct{ A string }
	if err := (External{Body: []byte("\xef\xbb\xbf{\"a\": \"" + strings.Repeat("[\\\"", 1000) + "\"}")}).JSON(&text); err != nil {
		t.Error(err)
	}
	if err := (External{Body: []byte("[]")}).JSON(&text); asError(err).Kind != KindInvalid {
		t.Error(err)
	}
}

func TestReferencesAreTakenInOrderAndAFaultInThemIsToldWhereTheyAreSet(t *testing.T) {
	object := NewObject("a.b", "c").Set("tags", References{"b", "a"}).Set("none", References{})
	if tags := object.Fields.Get("tags").(References); len(tags) != 2 || tags[0] != "b" {
		t.Error(tags)
	}
	_, failed := outcome(t, func() (Prepared, error) {
		return NewPage("a.b", "en-US", "c").Set("tags", References{"a", "b", "a"}), nil
	})
	if failed == nil || !strings.Contains(failed.Message, `field "tags" refers to "a"`) || !strings.Contains(failed.Message, "lockgate_test.go:") {
		t.Error(failed)
	}
}

func TestNoChildrenIsSaidOfATypeThatHasNone(t *testing.T) {
	object := NewObject("a.b", "c").NoChildren("a.part").NoChildren("a.part").NoChildren("a.link").LeaveChildren("a.link")
	if none := object.None(); len(none) != 1 || none[0] != "a.part" {
		t.Error(none)
	}
}

type byGUID struct {
	NoReferences
	params ObjectParams
}

func (byGUID) PrepareInternalObject(External, Task) (Prepared, error)   { return nil, nil }
func (b byGUID) InternalObjectParams(_, _ string) (ObjectParams, error) { return b.params, nil }

func TestAnObjectIsFoundByItsGUIDAloneOrByItsCodeName(t *testing.T) {
	t.Cleanup(func() { exported = nil })
	for _, params := range []ObjectParams{{GUID: "g"}, {CodeName: "c", Parent: "p"}} {
		Export(byGUID{params: params})
		if found, failed := objectParams("7", "a.b"); failed != nil || found != params {
			t.Error(found, failed)
		}
	}
	Export(byGUID{params: ObjectParams{GUID: "g", Parent: "p"}})
	if _, failed := objectParams("7", "a.b"); failed == nil || failed.Kind != KindInternal {
		t.Error(failed)
	}
}
