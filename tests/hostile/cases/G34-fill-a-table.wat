;; case: G34
;; what: a table is filled again and again
;; expect: fails deadline
(module %MEMORY% %METHODS%
  (table $table 20000 funcref)
  (func $attack (result i32)
    (loop $again (table.fill $table (i32.const 0) (ref.null func) (i32.const 20000)) (br $again))
    unreachable))
