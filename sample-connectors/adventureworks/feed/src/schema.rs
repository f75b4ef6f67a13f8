//! The tables: their files, and what their columns hold. From the DDL of AdventureWorks OLTP.

/// A table and the file that holds it.
pub struct Table {
    /// As in the database; external objects carry it.
    pub name: &'static str,
    /// How the file is laid out.
    pub layout: Layout,
    /// In file order.
    pub columns: &'static [Column],
    /// The columns that no two rows have alike.
    pub key: &'static [&'static str],
}

/// How rows and columns are told apart. No file has a header line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A tab between columns, a line end after each row.
    Lines,
    /// The same, and texts may have line ends: a row ends where its last column does.
    LinesInTexts,
    /// `+|` between columns, `&|` and a line end after each row.
    Marked,
}

/// A column.
pub struct Column {
    /// In external objects.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be blank, which is null.
    pub nullable: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// `0` or `1`.
    Flag,
    /// A decimal number, perhaps without digits before the point: `.0000`.
    Decimal,
    /// Kept byte for byte.
    Text,
    /// A code of fixed width, filled up with blanks that do not count.
    Padded,
    /// `2021-05-25 00:00:00.000`.
    DateTime,
    /// `2021-05-25`.
    Date,
    /// Hexadecimal with hyphens.
    Guid,
}

use Kind::{Date, DateTime, Decimal, Flag, Guid, Integer, Padded, Text};
use Layout::{Lines, LinesInTexts, Marked};

const fn needed(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: false }
}

const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: true }
}

const ID: Column = needed("id", Integer);
const NAME: Column = needed("name", Text);
const ROWGUID: Column = needed("rowguid", Guid);
const MODIFIED: Column = needed("modified", DateTime);

/// Languages. The invariant one has a blank code.
pub const CULTURE: Table = Table { name: "Culture", layout: Lines, key: &["id"], columns: &[nullable("id", Padded), NAME, MODIFIED] };

/// Units of measure.
pub const UNIT: Table = Table { name: "UnitMeasure", layout: Lines, key: &["id"], columns: &[needed("id", Padded), NAME, MODIFIED] };

/// The upper level of the category tree.
pub const CATEGORY: Table = Table { name: "ProductCategory", layout: Lines, key: &["id"], columns: &[ID, NAME, ROWGUID, MODIFIED] };

/// The lower level of the category tree.
pub const SUBCATEGORY: Table = Table {
    name: "ProductSubcategory",
    layout: Lines,
    key: &["id"],
    columns: &[ID, needed("category_id", Integer), NAME, ROWGUID, MODIFIED],
};

/// Products: what is bought, made and sold.
pub const PRODUCT: Table = Table {
    name: "Product",
    layout: Lines,
    key: &["id"],
    columns: &[
        ID,
        NAME,
        needed("number", Text),
        needed("make_flag", Flag),
        needed("finished_goods_flag", Flag),
        nullable("color", Text),
        needed("safety_stock", Integer),
        needed("reorder_point", Integer),
        needed("standard_cost", Decimal),
        needed("list_price", Decimal),
        nullable("size", Text),
        nullable("size_unit", Padded),
        nullable("weight_unit", Padded),
        nullable("weight", Decimal),
        needed("days_to_manufacture", Integer),
        nullable("line", Padded),
        nullable("class", Padded),
        nullable("style", Padded),
        nullable("subcategory_id", Integer),
        nullable("model_id", Integer),
        needed("sell_start", DateTime),
        nullable("sell_end", DateTime),
        nullable("discontinued", DateTime),
        ROWGUID,
        MODIFIED,
    ],
};

/// Product models, with XML in two columns.
pub const MODEL: Table = Table {
    name: "ProductModel",
    layout: Marked,
    key: &["id"],
    columns: &[ID, NAME, nullable("catalog_description", Text), nullable("instructions", Text), ROWGUID, MODIFIED],
};

/// Descriptions of models, each in one language.
pub const DESCRIPTION: Table =
    Table { name: "ProductDescription", layout: Lines, key: &["id"], columns: &[ID, needed("description", Text), ROWGUID, MODIFIED] };

/// Which description is of which model in which language.
pub const MODEL_DESCRIPTION: Table = Table {
    name: "ProductModelProductDescriptionCulture",
    layout: Lines,
    key: &["model_id", "culture"],
    columns: &[needed("model_id", Integer), needed("description_id", Integer), needed("culture", Padded), MODIFIED],
};

/// What customers say about products.
pub const REVIEW: Table = Table {
    name: "ProductReview",
    layout: LinesInTexts,
    key: &["id"],
    columns: &[
        ID,
        needed("product_id", Integer),
        needed("reviewer", Text),
        needed("reviewed", DateTime),
        needed("email", Text),
        needed("rating", Integer),
        nullable("comments", Text),
        MODIFIED,
    ],
};

/// What a product is made of; a row without assembly is for an end product.
pub const BOM: Table = Table {
    name: "BillOfMaterials",
    layout: Lines,
    key: &["id"],
    columns: &[
        ID,
        nullable("assembly_id", Integer),
        needed("component_id", Integer),
        needed("start", DateTime),
        nullable("end", DateTime),
        needed("unit", Padded),
        needed("level", Integer),
        needed("quantity", Decimal),
        MODIFIED,
    ],
};

/// Departments.
pub const DEPARTMENT: Table =
    Table { name: "Department", layout: Lines, key: &["id"], columns: &[ID, NAME, needed("group", Text), MODIFIED] };

/// Employees, in a tree by `org_node`.
pub const EMPLOYEE: Table = Table {
    name: "Employee",
    layout: Lines,
    key: &["id"],
    columns: &[
        ID,
        needed("national_id", Text),
        needed("login", Text),
        nullable("org_node", Text),
        nullable("org_level", Integer),
        needed("job_title", Text),
        needed("birth", Date),
        needed("marital", Text),
        needed("gender", Text),
        needed("hire", Date),
        needed("salaried", Flag),
        needed("vacation_hours", Integer),
        needed("sick_leave_hours", Integer),
        needed("current", Flag),
        ROWGUID,
        MODIFIED,
    ],
};

/// Who worked where, from when to when.
pub const DEPARTMENT_HISTORY: Table = Table {
    name: "EmployeeDepartmentHistory",
    layout: Lines,
    key: &["employee_id", "department_id", "shift", "start"],
    columns: &[
        needed("employee_id", Integer),
        needed("department_id", Integer),
        needed("shift", Integer),
        needed("start", Date),
        nullable("end", Date),
        MODIFIED,
    ],
};
