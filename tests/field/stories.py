"""Several files, one after the other, in a store."""
from samples import Setting

def told(setting: Setting, sample: str) -> int:
    return 0
