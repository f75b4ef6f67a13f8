package lockgate_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"lockgate.dev/lockgate"
)

type shop struct{ lockgate.NoReferences }

func (shop) PrepareInternalObject(external lockgate.External, _ lockgate.Task) (lockgate.Prepared, error) {
	var product struct {
		SKU   string      `json:"sku"`
		Price json.Number `json:"price"`
	}
	if err := external.JSON(&product); err != nil {
		return nil, err
	}
	if product.SKU == "" {
		return nil, lockgate.Invalid("a product needs a SKU").At("sku")
	}
	return lockgate.NewObject("shop.product", product.SKU).Set("price", lockgate.Decimal(product.Price)), nil
}

// A connector in whole; a component calls [lockgate.Export] with it, from an init function.
func Example() {
	external := lockgate.External{MediaType: "application/json", Body: []byte(`{"sku": "HL-U509", "price": 34.990}`)}
	prepared, err := shop{}.PrepareInternalObject(external, lockgate.Task{Type: lockgate.CreateObject, Data: lockgate.Snapshot})
	if err != nil {
		fmt.Println(err)
		return
	}
	product := prepared.(*lockgate.Object)
	fmt.Println(product.CodeName, product.Fields.Get("price"))
	// Output: HL-U509 34.990
}

func ExampleObject_Set() {
	role := lockgate.NewObject("cms.role", "editors").
		Set("rank", lockgate.Integer(1)).
		Set("note", lockgate.Null). // cleared; a field that is not set stays as it is
		Set("rank", lockgate.Integer(2))
	for _, field := range role.Fields {
		fmt.Println(field.Name, field.Value)
	}
	// Output:
	// rank 2
	// note {}
}

func ExampleError() {
	err := fmt.Errorf("order 7: %w", lockgate.Invalid("no SKU").At("items[3].sku"))
	if invalid, ok := errors.AsType[*lockgate.Error](err); ok {
		fmt.Println(invalid.Kind, "at", invalid.Path)
	}
	fmt.Println(err)
	// Output:
	// invalid at items[3].sku
	// order 7: items[3].sku: no SKU
}

func ExampleDecodeJSON() {
	deep := make([]byte, 100_000)
	for at := range deep {
		deep[at] = '['
	}
	var document any
	fmt.Println(lockgate.DecodeJSON(deep, &document))
	// Output: nested deeper than 128 levels, at byte 128
}

func ExampleGUIDFromName() {
	fmt.Println(lockgate.GUIDFromName("https://shop.example", "product/17"))
	// Output: 26394b70-74b5-505e-b7a4-e8e4b6642ce5
}
