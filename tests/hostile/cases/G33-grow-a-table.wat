;; case: G33
;; what: a table is grown by ten million elements, then one by one until it is refused
;; expect: stored
;; peak-mib: 8
(module %MEMORY% %METHODS%
  (table $table 1 funcref)
  (func $attack (result i32)
    (if (i32.ne (table.grow $table (ref.null func) (i32.const 10000000)) (i32.const -1)) (then unreachable))
    (loop $more (br_if $more (i32.ne (table.grow $table (ref.null func) (i32.const 1)) (i32.const -1))))
    (if (i32.gt_u (table.size $table) (i32.const 20000)) (then unreachable))
    (call $item (i32.const 53) (i32.const 4))))
