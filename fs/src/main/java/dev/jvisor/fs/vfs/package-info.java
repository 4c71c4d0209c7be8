// SPDX-License-Identifier: Apache-2.0
/** The virtual file system: mounts, dentries, path walk, open file descriptions, permissions. */
@NullMarked
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.NullMarked;
