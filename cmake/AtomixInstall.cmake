# What `cmake --install` puts in place. (Filled in with the package.)
