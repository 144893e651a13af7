internal import Glibc

/// Makes the kernel drop what arrives for a socket, before TCP sees it: nothing is acknowledged and
/// nothing is reset, as where a network has lost its route. Needs no privilege and no namespace
/// (socket(7), SO_ATTACH_FILTER; kernel documentation, "Linux Socket Filtering").
enum PacketFilter {
  /// `struct sock_filter` of linux/filter.h.
  private struct Instruction {
    var code: UInt16
    var jumpTrue: UInt8 = 0
    var jumpFalse: UInt8 = 0
    var operand: UInt32
  }

  /// `struct sock_fprog`.
  private struct Program {
    var length: UInt16
    var instructions: UnsafeMutablePointer<Instruction>
  }

  private static let attach: Int32 = 26
  private static let detach: Int32 = 27
  /// BPF_RET | BPF_K: so many bytes of the packet are kept.
  private static let keep: UInt16 = 0x06

  /// Begins to drop, or ends it.
  static func set(_ isDropping: Bool, on descriptor: Int32) {
    guard isDropping else {
      var none: Int32 = 0
      setsockopt(descriptor, SOL_SOCKET, detach, &none, socklen_t(MemoryLayout<Int32>.size))
      return
    }
    var nothing = Instruction(code: keep, operand: 0)
    let result = withUnsafeMutablePointer(to: &nothing) { instructions in
      var program = Program(length: 1, instructions: instructions)
      return setsockopt(
        descriptor, SOL_SOCKET, attach, &program, socklen_t(MemoryLayout<Program>.size))
    }
    precondition(result == 0, "SO_ATTACH_FILTER: \(String(cString: strerror(errno)))")
  }
}
