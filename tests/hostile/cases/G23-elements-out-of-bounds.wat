;; case: G23
;; what: an active element segment outside of its table
;; expect: fails trap
;; says: out of bounds
;; behaves: never
(module %MEMORY% %METHODS%
  (table 1 funcref)
  (elem (i32.const -1) $attack)
  (func $attack (result i32) unreachable))
