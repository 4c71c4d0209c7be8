// SPDX-License-Identifier: Apache-2.0
/**
 * From annotated methods to a dispatch table.
 *
 * <p>{@code SyscallScanner} (ClassGraph) turns class files into {@code SyscallDescriptor}s and
 * {@code DiscoveryIssue}s without loading them; {@code BindingGenerator} (Byte Buddy) writes the
 * code between six words and typed parameters: one class for each handler class, in its package.
 * For what we ship the build does both ({@code GenerateTable}); for extra jars
 * {@code ExtraSyscalls} does them at start.
 */
@NullMarked
package dev.jvisor.syscalls.discovery;

import org.jspecify.annotations.NullMarked;
