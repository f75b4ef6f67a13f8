;; case: G31
;; what: recursion with frames of 400 values that must be kept on the stack
;; expect: fails stack-overflow
(module %MEMORY% %METHODS%
  (type $v (func (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)))
  (func $attack (result i32) (call $down) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
    (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) unreachable)
  (func $down (type $v)
    (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down)
    (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down) (call $down)
    unreachable))
