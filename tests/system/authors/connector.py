"""A shop's categories, products with their sizes, and news."""

from lockgate_guest import ROOT, Child, Connector, External, Object, ObjectParams, Page, Prepared, Reference, Task, export


@export
class Shop(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        thing = external.json()
        if thing["kind"] == "category":
            return Object("shop.category", thing["id"], display_name=thing["name"])
        if thing["kind"] == "product":
            sizes = [Child("shop.size", size) for size in thing["sizes"]]
            fields = {"category": Reference(thing["category"])}
            return Object("shop.product", thing["id"], display_name=thing["name"], fields=fields, children=sizes)
        return Page("shop.news", "en-US", thing["name"], parent=ROOT, fields={"product": Reference(thing["product"])})

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        return ObjectParams(id)
