;; case: G85
;; what: an element of a table is changed for the next task to see: it is as it was
;; expect: stored
(module %MEMORY% %METHODS%
  (table $table 100 funcref)
  (elem declare func $skip)
  (func $attack (result i32)
    (if (i32.eqz (ref.is_null (table.get $table (i32.const 50)))) (then unreachable))
    (if (i32.ne (table.size $table) (i32.const 100)) (then unreachable))
    (table.fill $table (i32.const 0) (ref.func $skip) (i32.const 100))
    (drop (table.grow $table (ref.func $skip) (i32.const 1000)))
    (call $item (i32.const 53) (i32.const 4))))
