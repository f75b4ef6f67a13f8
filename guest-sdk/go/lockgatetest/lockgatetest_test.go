package lockgatetest

import (
	"testing"

	"lockgate.dev/lockgate"
)

func TestATestSaysWhatIsKnownOfTheTaskAndSeesWarnings(t *testing.T) {
	told := Warnings(t)
	Task(t, "Import of May", "may.json", "")
	title, _ := lockgate.TaskTitle()
	name, _ := lockgate.TaskFileName()
	if _, ok := lockgate.TaskSite(); ok || title != "Import of May" || name != "may.json" {
		t.Error(title, name, ok)
	}
	lockgate.Warnf("items[3].price", "rounded to %s", "7.50")
	lockgate.Warn("", "no VAT")
	if got := told(); len(got) != 2 || got[0] != "items[3].price: rounded to 7.50" || got[1] != "no VAT" {
		t.Error(got)
	}
}

func TestWhatIsSetHoldsUntilTheTestEnds(t *testing.T) {
	t.Run("inner", func(t *testing.T) {
		Setting(t, "currency", "EUR")
		Secret(t, "token", "placeholder")
		if value, ok := lockgate.Setting("currency"); !ok || value != "EUR" {
			t.Error(value, ok)
		}
		if secret, ok := lockgate.SecretNamed("token"); !ok || secret != "placeholder" {
			t.Error(secret, ok)
		}
	})
	if _, ok := lockgate.Setting("currency"); ok {
		t.Error("the test has ended")
	}
}
