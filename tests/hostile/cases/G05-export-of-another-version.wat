;; case: G05
;; what: the interface in a version that this host does not offer
;; expect: refused incompatible-contract
;; says: 0.2.0
;; says: offers 1.1.0 and 0.1.0
;; form: raw
(component
  (instance $nothing)
  (export "lockgate:connector/translator@0.2.0" (instance $nothing)))
