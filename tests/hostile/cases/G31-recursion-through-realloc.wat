;; case: G31
;; what: recursion through an import that calls the allocator back
;; expect: fails trap
;; says: cannot leave component instance
(module
  (import "lockgate:connector/random@1.1.0" "bytes" (func $random (param i32 i32)))
  (memory (export "memory") 2)
  (global $attacking (mut i32) (i32.const 0))
  (global $heap (mut i32) (i32.const 8192))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (if (global.get $attacking) (then (call $random (i32.const 8) (i32.const 1024))))
    (global.set $heap (i32.add (global.get $heap) (local.get 3)))
    (i32.sub (global.get $heap) (local.get 3)))
  %METHODS%
  (func $attack (result i32)
    (global.set $attacking (i32.const 1))
    (call $random (i32.const 8) (i32.const 1024))
    unreachable))
