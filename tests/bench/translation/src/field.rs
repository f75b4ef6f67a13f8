//! The fields that the benchmark's model declares.

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal,)*) => {
        /// A field of a product or variant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field { $($(#[$doc])* $field),* }

        impl Field {
            /// All of them, by position.
            pub const ALL: &'static [Self] = &[$(Self::$field),*];

            /// As the content model names it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$field => $name),* }
            }
        }
    };
}

fields! {
    /// The shop's own number.
    Number = "number",
    /// Who makes it.
    Brand = "brand",
    /// A paragraph.
    Description = "description",
    /// Refers to a category.
    Category = "category",
    /// Refers to a supplier.
    Supplier = "supplier",
    /// What it sells for.
    Price = "price",
    /// What it costs.
    Cost = "cost",
    /// In kilograms.
    Weight = "weight",
    /// Pieces.
    Stock = "stock",
    /// Whether it is sold.
    Active = "active",
    /// Its colour.
    Colour = "colour",
    /// Its size.
    Size = "size",
    /// Its bar code.
    Ean = "ean",
    /// Where it lives on the web.
    Url = "url",
    /// When it was made.
    Created = "created",
    /// When it was last changed.
    Modified = "modified",
}
