package lockgatetest

import (
	"testing"

	"lockgate.dev/lockgate"
)

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
