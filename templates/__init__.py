"""Files that hookkit copies elsewhere."""
