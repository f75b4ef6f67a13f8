;; case: G56
;; what: the allocator calls an import while the host hands over the payload
;; expect: fails trap
;; says: cannot leave component instance
;; behaves: never
(module
  (import "lockgate:connector/clock@1.1.0" "now-ms" (func $now (result f64)))
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (drop (call $now)) (i32.const 8192))
  %METHODS%
  (func $attack (result i32) unreachable))
