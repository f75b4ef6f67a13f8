;; case: G03
;; what: a component that exports the interface without its methods
;; expect: refused missing-export
;; says: prepare-internal-object
;; form: raw
(component
  (instance $nothing)
  (export "lockgate:connector/translator@1.1.0" (instance $nothing)))
