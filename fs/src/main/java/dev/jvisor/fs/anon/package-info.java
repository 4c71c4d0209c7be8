// SPDX-License-Identifier: Apache-2.0
/** Files without a name: eventfd, epoll, memfd, and the inodes that such files and pipes have. */
@NullMarked
package dev.jvisor.fs.anon;

import org.jspecify.annotations.NullMarked;
