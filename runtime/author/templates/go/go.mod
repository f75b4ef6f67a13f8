module {{name}}

go 1.27

require lockgate.dev/lockgate v0.1.0
