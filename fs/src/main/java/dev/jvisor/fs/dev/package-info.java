// SPDX-License-Identifier: Apache-2.0
/**
 * Character devices of the memory major (null, zero, full, random, urandom), /dev/tty, and the tree
 * that a container finds in /dev. Nodes work wherever they are:
 * {@link dev.jvisor.fs.vfs.VfsRegistry} maps numbers to devices.
 */
@NullMarked
package dev.jvisor.fs.dev;

import org.jspecify.annotations.NullMarked;
