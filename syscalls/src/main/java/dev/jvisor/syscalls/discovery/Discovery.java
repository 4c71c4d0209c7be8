// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import java.util.List;

/**
 * Result of a scan.
 *
 * @param descriptors sound handlers by ascending number, at most one for each
 */
public record Discovery(List<SyscallDescriptor> descriptors, List<DiscoveryIssue> issues) {}
