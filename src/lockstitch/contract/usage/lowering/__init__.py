"""From the syntax trees of sources to what following values needs of them."""
