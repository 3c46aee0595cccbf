"""Middle floor: everything that touches the outside. Knows the contract and the mappings only."""
