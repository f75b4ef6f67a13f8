;; case: G55
;; what: the answer is right, and the function that frees it calls an import: nothing is stored
;; expect: fails trap
;; says: cannot leave component instance
(module
  (import "lockgate:connector/log@1.1.0" "log" (func $log (param i32 i32 i32)))
  %MEMORY% %METHODS%
  (global $attacking (mut i32) (i32.const 0))
  (func $attack (result i32) (global.set $attacking (i32.const 1)) (call $item (i32.const 53) (i32.const 4)))
  (func (export "cabi_post_%T%#prepare-internal-object") (param i32)
    (if (global.get $attacking) (then (call $log (i32.const 2) (i32.const 53) (i32.const 4))))))
