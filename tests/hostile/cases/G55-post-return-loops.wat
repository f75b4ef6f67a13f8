;; case: G55
;; what: the answer is right, and the function that frees it never returns: nothing is stored
;; expect: fails deadline
(module %MEMORY% %METHODS%
  (global $attacking (mut i32) (i32.const 0))
  (func $attack (result i32) (global.set $attacking (i32.const 1)) (call $item (i32.const 53) (i32.const 4)))
  (func (export "cabi_post_%T%#prepare-internal-object") (param i32)
    (if (global.get $attacking) (then (loop $again (br $again))))))
