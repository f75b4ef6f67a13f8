;; case: G04
;; what: the right names with a record that has one field more
;; expect: refused incompatible-contract
;; says: get-internal-document-params
;; contract: culture: string,\n        site: string, => culture: string,\n        site: string,\n        more: u32,
(module %MEMORY% %METHODS% (func $attack (result i32) unreachable))
