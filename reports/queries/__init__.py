"""The query builder: conditions over facts and histories, as a tree that is checked, worded and run as one SQL."""
