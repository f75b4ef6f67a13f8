;; case: G37
;; what: a division by zero
;; expect: fails trap
;; says: divide by zero
(module %MEMORY% %METHODS%
  (func $attack (result i32) (i32.div_u (i32.const 1) (i32.sub (global.get $bytes) (global.get $bytes)))))
