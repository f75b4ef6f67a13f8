;; case: G03
;; what: a valid component of another world
;; expect: refused missing-export
;; says: lockgate:connector/translator@1.1.0
;; says: wasi:cli/run@0.2.0
;; form: raw
(component
  (instance $nothing)
  (export "wasi:cli/run@0.2.0" (instance $nothing)))
