"""What a step of a service can do: each operation is registered under the name diagrams use."""
