// A shop's products with their variants: the translation that the benchmark measures.
package main

import (
	"encoding/json"
	"strings"

	"lockgate.dev/lockgate"
)

// What the shop does not know it leaves out.
type product struct {
	ID          *int64              `json:"id"`
	SKU         string              `json:"sku"`
	Name        string              `json:"name"`
	Brand       *lockgate.Text      `json:"brand"`
	Description *lockgate.Text      `json:"description"`
	Category    *lockgate.Reference `json:"category"`
	Supplier    *lockgate.Reference `json:"supplier"`
	Price       *lockgate.Decimal   `json:"price"`
	Cost        *lockgate.Decimal   `json:"cost"`
	Weight      *lockgate.Real      `json:"weight"`
	Stock       *lockgate.Integer   `json:"stock"`
	Active      *lockgate.Boolean   `json:"active"`
	Colour      *lockgate.Text      `json:"colour"`
	Size        *lockgate.Text      `json:"size"`
	EAN         *lockgate.Text      `json:"ean"`
	URL         *lockgate.Text      `json:"url"`
	Created     *lockgate.Timestamp `json:"created"`
	Modified    *lockgate.Timestamp `json:"modified"`
	Variants    []variant           `json:"variants"`
}

type variant struct {
	SKU    string            `json:"sku"`
	Colour *lockgate.Text    `json:"colour"`
	Size   *lockgate.Text    `json:"size"`
	Price  *lockgate.Decimal `json:"price"`
	Stock  *lockgate.Integer `json:"stock"`
	EAN    *lockgate.Text    `json:"ean"`
}

type shop struct{ lockgate.NoReferences }

func init() {
	lockgate.Export(shop{})
}

func (shop) PrepareInternalObject(external lockgate.External, _ lockgate.Task) (lockgate.Prepared, error) {
	var product product
	if err := json.Unmarshal(external.Body, &product); err != nil {
		return nil, lockgate.Invalidf("not a product: %w", err)
	}
	if product.ID == nil {
		return nil, lockgate.Invalid("a product needs a number").At("id")
	}
	object := lockgate.NewObject("shop.product", product.SKU)
	object.DisplayName = product.Name
	object.Set("number", lockgate.Integer(*product.ID))
	set(&object.Fields, "brand", product.Brand)
	set(&object.Fields, "description", product.Description)
	set(&object.Fields, "category", product.Category)
	set(&object.Fields, "supplier", product.Supplier)
	set(&object.Fields, "price", product.Price)
	set(&object.Fields, "cost", product.Cost)
	set(&object.Fields, "weight", product.Weight)
	set(&object.Fields, "stock", product.Stock)
	set(&object.Fields, "active", product.Active)
	set(&object.Fields, "colour", product.Colour)
	set(&object.Fields, "size", product.Size)
	set(&object.Fields, "ean", product.EAN)
	set(&object.Fields, "url", product.URL)
	set(&object.Fields, "created", product.Created)
	set(&object.Fields, "modified", product.Modified)
	for _, variant := range product.Variants {
		object.Add(variant.child())
	}
	return object, nil
}

func (shop) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	switch objectType {
	case "shop.category":
		return lockgate.ObjectParams{CodeName: "category-" + id}, nil
	case "shop.supplier":
		return lockgate.ObjectParams{CodeName: "supplier-" + strings.TrimPrefix(id, "S-")}, nil
	default:
		return lockgate.ObjectParams{}, lockgate.Unsupportedf("no references to %s", objectType)
	}
}

func (v variant) child() *lockgate.Child {
	child := lockgate.NewChild("shop.variant", v.SKU)
	set(&child.Fields, "colour", v.Colour)
	set(&child.Fields, "size", v.Size)
	set(&child.Fields, "price", v.Price)
	set(&child.Fields, "stock", v.Stock)
	set(&child.Fields, "ean", v.EAN)
	return child
}

// A field that is left out stays as it is.
func set[V lockgate.Value](fields *lockgate.Fields, name string, given *V) {
	if given != nil {
		*fields = append(*fields, lockgate.Field{Name: name, Value: *given})
	}
}

func main() {} // Not run: the host calls the methods.
