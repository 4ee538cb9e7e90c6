"""The words by which a story is read, by subject. They decide what is asked, never what is true."""
