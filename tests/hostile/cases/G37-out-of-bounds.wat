;; case: G37
;; what: a load outside of the memory
;; expect: fails trap
;; says: out of bounds
(module %MEMORY% %METHODS%
  (func $attack (result i32) (i32.load offset=4294967292 (i32.const -1))))
