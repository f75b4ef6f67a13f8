;; case: G37
;; what: an indirect call of a function of another type
;; expect: fails trap
;; says: indirect call type mismatch
(module %MEMORY% %METHODS%
  (table 1 funcref)
  (elem (i32.const 0) $other)
  (func $other (param i64) (result i64) (local.get 0))
  (func $attack (result i32) (call_indirect (result i32) (i32.const 0))))
