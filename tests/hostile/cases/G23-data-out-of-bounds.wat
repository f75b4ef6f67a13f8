;; case: G23
;; what: an active data segment outside of the memory
;; expect: fails trap
;; says: out of bounds
;; behaves: never
(module %MEMORY% %METHODS%
  (func $attack (result i32) unreachable)
  (data (i32.const -1) "x"))
