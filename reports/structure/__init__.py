"""Structure analysis (结构分析): who they are, on any day, in any part of the tree, against the norms."""
