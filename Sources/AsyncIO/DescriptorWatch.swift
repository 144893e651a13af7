internal import Dispatch
internal import Glibc

/// Watches a descriptor for as long as its owner wishes, as libcurl asks for.
///
/// Watches a duplicate: libcurl closes a socket right after it has said so, while libdispatch lets go
/// of a descriptor only some time after that.
public final class DescriptorWatch {
  private let executor: QueueExecutor
  private let duplicate: Int32
  private let onReadable: @Sendable () -> Void
  private let onWritable: @Sendable () -> Void
  private var readSource: (any DispatchSourceRead)?
  private var writeSource: (any DispatchSourceWrite)?
  private let closing = DispatchGroup()

  /// - Parameters:
  ///   - descriptor: A socket.
  ///   - executor: Where the handlers run, and where this object is used.
  ///   - onReadable: Called again and again while the descriptor can be read.
  ///   - onWritable: Called again and again while the descriptor can be written.
  public init(
    descriptor: Int32, executor: QueueExecutor, onReadable: @escaping @Sendable () -> Void,
    onWritable: @escaping @Sendable () -> Void
  ) {
    self.executor = executor
    duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    self.onReadable = onReadable
    self.onWritable = onWritable
  }

  /// Says what to watch for from now on.
  public func watch(read: Bool, write: Bool) {
    guard duplicate >= 0 else { return }
    if read, readSource == nil {
      let source = DispatchSource.makeReadSource(fileDescriptor: duplicate, queue: executor.queue)
      source.setEventHandler(handler: onReadable)
      readSource = source
      begin(source)
    } else if !read {
      readSource?.cancel()
      readSource = nil
    }
    if write, writeSource == nil {
      let source = DispatchSource.makeWriteSource(fileDescriptor: duplicate, queue: executor.queue)
      source.setEventHandler(handler: onWritable)
      writeSource = source
      begin(source)
    } else if !write {
      writeSource?.cancel()
      writeSource = nil
    }
  }

  private func begin(_ source: any DispatchSourceProtocol) {
    closing.enter()
    source.setCancelHandler { [closing] in closing.leave() }
    source.resume()
  }

  deinit {
    readSource?.cancel()
    writeSource?.cancel()
    guard duplicate >= 0 else { return }
    closing.notify(queue: executor.queue) { [duplicate] in _ = Glibc.close(duplicate) }
  }
}
