;; case: G04
;; what: the right names with an error variant that has one case more
;; expect: refused incompatible-contract
;; says: prepare-internal-object
;; contract: /// A fault of the connector itself.\n        internal(problem), => internal(problem),\n        more(problem),
(module %MEMORY% %METHODS% (func $attack (result i32) unreachable))
