module lockgate.dev/lockgate

go 1.27
