;; case: G22
;; what: a table that begins with ten million elements
;; expect: refused compile-limit
;; says: table
(module %MEMORY% %METHODS%
  (table 10000000 funcref)
  (func $attack (result i32) unreachable))
